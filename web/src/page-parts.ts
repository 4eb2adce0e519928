import { onTheme, theme } from "./theme";

/** What Swagger UI's script leaves on the window. */
type SwaggerUi = (options: Record<string, unknown>) => unknown;

/** Shows the buttons that copy a text, where the browser lets a page write to the clipboard. */
export function copyButtons(root: ParentNode): void {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy ?? "")?.textContent ?? "";
      try {
        await navigator.clipboard.writeText(text.trim());
      } catch {
        return;
      }
      button.textContent = button.dataset.done ?? label;
      setTimeout(() => {
        button.textContent = label;
      }, 2000);
    });
  }
}

/** Starts Swagger UI in the element whose `data-swagger` is the address of an API definition. */
export function apiDocs(place: HTMLElement): void {
  const dark = (): void => {
    document.documentElement.classList.toggle("dark-mode", theme() === "dark");
  };
  dark();
  onTheme(dark);
  const swaggerUi = (window as unknown as { SwaggerUIBundle?: SwaggerUi }).SwaggerUIBundle;
  swaggerUi?.({
    domNode: place,
    url: place.dataset.swagger,
    deepLinking: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    filter: true,
    // Its default sends the definition to a validator on another host.
    validatorUrl: null,
    // The page has its main part already, and Swagger UI is in it.
    onComplete: () => place.querySelector("main")?.setAttribute("role", "presentation"),
  });
}
