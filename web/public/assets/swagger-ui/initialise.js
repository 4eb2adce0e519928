// Starts Swagger UI on the element with data-url: the address of the API definition.
const place = document.querySelector("[data-url]");
if (place && window.SwaggerUIBundle)
  window.SwaggerUIBundle({
    url: place.dataset.url,
    domNode: place,
    deepLinking: true,
    validatorUrl: null,
    tryItOutEnabled: true,
    defaultModelsExpandDepth: 0,
    docExpansion: "list",
  });
