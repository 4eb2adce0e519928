/** A position that the device has measured: degrees, and metres of accuracy. */
export interface Measured {
  lon: number;
  lat: number;
  accuracy_m: number;
}

const measured = ({ coords }: GeolocationPosition): Measured => ({
  lon: Number(coords.longitude.toFixed(7)),
  lat: Number(coords.latitude.toFixed(7)),
  accuracy_m: Math.round(coords.accuracy * 10) / 10,
});

/** Whether this page may ask the device where it is. */
export function canLocate(): boolean {
  return isSecureContext && "geolocation" in navigator;
}

/**
 * Asks the device where it is, and goes on asking for something better until it is told to stop.
 *
 * `found` comes with the first position and with each more exact one; `failed` when there is none.
 */
export function locate(
  found: (position: Measured) => void,
  failed: (denied: boolean) => void,
): () => void {
  let best: Measured | null = null;
  const watch = navigator.geolocation.watchPosition(
    (position) => {
      const next = measured(position);
      if (best && best.accuracy_m <= next.accuracy_m) return;
      best = next;
      found(next);
    },
    (error) => {
      if (best === null) failed(error.code === error.PERMISSION_DENIED);
    },
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 },
  );
  return () => navigator.geolocation.clearWatch(watch);
}
