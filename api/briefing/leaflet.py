"""The map of a briefing: folium writes the script of a Leaflet map that asks no host."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

import folium
from branca.element import MacroElement
from folium.template import Template

from api.briefing.page import Briefing, Item, Map, Picture, Place

LAND = {"stroke": False, "fillColor": "#fbfbf9", "fillOpacity": 1}
OUTLINE = {"color": "#30404d", "weight": 1.2, "fillOpacity": 0}
EDGE = "#62717d"
FINE = 500
"""Features beyond which their edges are drawn finer: they would hide what they surround."""
DECIMALS = 5
"""Of a coordinate in degrees: a metre."""
SMALL = 9
"""Pixels of the radius of a point."""


class OfflineMap(folium.Map):
    """A folium map without tiles, and without the scripts and styles that it takes from elsewhere.

    Leaflet is in the same file; jQuery, Bootstrap and icon fonts serve what is not drawn here.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(tiles=None, **options)
        self.default_js = []
        self.default_css = []


class Controls(MacroElement):
    """Leaflet's buttons, with titles in the language of the page, and a scale in metres."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        L.control.zoom({{ this.options|tojavascript }}).addTo({{ this._parent.get_name() }});
        L.control.scale({imperial: false}).addTo({{ this._parent.get_name() }});
        {{ this._parent.get_name() }}.attributionControl.setPrefix(false);
        {% endmacro %}
        """
    )

    def __init__(self, zoom_in: str, zoom_out: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Controls"
        self.options = {"zoom_in_title": zoom_in, "zoom_out_title": zoom_out}


def written(briefing: Briefing, told: Map) -> tuple[str, str]:
    """The map as HTML and as a script, neither of them with anything that the data can open."""
    made = OfflineMap(
        location=[(told.bounds[1] + told.bounds[3]) / 2, (told.bounds[0] + told.bounds[2]) / 2],
        zoom_control=False,
        zoom_snap=0.25,
        zoom_animation=False,
    )
    Controls(briefing.words["zoom_in"], briefing.words["zoom_out"]).add_to(made)
    if told.places:
        # Below the pane of pictures and shapes: it would cover a picture.
        folium.map.CustomPane("land", z_index=250).add_to(made)
        _still(told.land, LAND, pane="land").add_to(made)
    if told.picture is not None:
        _picture(briefing, told.picture).add_to(made)
    weight = 0.8 if len(told.items) <= FINE else 0.25
    # Features of a group follow each other, the notable groups last: what is drawn last is on top.
    for group, items in groupby(
        sorted(told.items, key=lambda item: -item.group), key=lambda item: item.group
    ):
        style = {
            "color": EDGE,
            "weight": weight,
            "fillColor": told.legend[group].colour,
            "fillOpacity": 0.85,
        }
        _features(briefing, style, list(items)).add_to(made)
    _places(told.places).add_to(made)
    west, south, east, north = told.bounds
    made.fit_bounds([[south, west], [north, east]], padding=(8, 8))
    figure: Any = made.get_root()
    figure.render()
    return figure.html.render(), figure.script.render()


def _picture(briefing: Briefing, told: Picture) -> folium.raster_layers.ImageOverlay:
    west, south, east, north = told.bounds
    return folium.raster_layers.ImageOverlay(
        f"data:image/png;base64,{b64encode(told.png).decode()}",
        bounds=[[south, west], [north, east]],
        opacity=0.85,
        alt=briefing.words["map_label"],
        pixelated=False,
        control=False,
    )


def _features(
    briefing: Briefing, style: Mapping[str, Any], items: Sequence[Item]
) -> folium.GeoJson:
    """Features of one style, with their numbers in a popup and their name beside the pointer."""
    fields = [f"v{at}" for at in range(len(briefing.heads))]
    collection = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": at,
                "geometry": rounded(item.geometry),
                # Leaflet takes these for HTML.
                "properties": dict(zip(fields, map(escape, item.values), strict=True)),
            }
            for at, item in enumerate(items)
        ],
    }
    return folium.GeoJson(
        collection,
        style_function=lambda _: dict(style),
        highlight_function=lambda _: {"weight": 2.5, "color": "#000000"},
        marker=folium.CircleMarker(radius=SMALL, fill=True),
        tooltip=folium.GeoJsonTooltip(
            [fields[0], fields[-1]], labels=False, sticky=True, class_name="told"
        ),
        popup=folium.GeoJsonPopup(
            fields, [escape(head) for head in briefing.heads], class_name="told", closeButton=False
        ),
    )


def _places(places: Sequence[Place]) -> folium.FeatureGroup:
    """The outlines of the districts and their names; neither answers to the pointer."""
    group = folium.FeatureGroup(name="places", control=False)
    for one in places:
        _still(one.outline, OUTLINE).add_to(group)
        longitude, latitude = one.inside
        folium.Marker(
            [latitude, longitude],
            icon=folium.DivIcon(
                html=escape(one.name), icon_size=(110, 16), icon_anchor=(55, 8), class_name="place"
            ),
            interactive=False,
            keyboard=False,
        ).add_to(group)
    return group


def _still(
    geometry: Mapping[str, Any], style: Mapping[str, Any], pane: str = "overlayPane"
) -> folium.GeoJson:
    """A shape of the base map, which does not answer to the pointer."""
    return folium.GeoJson(
        rounded(geometry),
        style_function=lambda _: dict(style),
        interactive=False,
        control=False,
        pane=pane,
    )


def rounded(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """A geometry with no more decimals than a reader sees."""

    def short(part: Any) -> Any:
        return [short(one) for one in part] if isinstance(part, list) else round(part, DECIMALS)

    return {"type": geometry["type"], "coordinates": short(geometry["coordinates"])}
