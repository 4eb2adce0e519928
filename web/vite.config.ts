import { copyFileSync, mkdirSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

/** Lays Swagger UI beside the build, so that the API documentation asks no other host. */
function swaggerUi(): Plugin {
  return {
    name: "swagger-ui",
    apply: "build",
    closeBundle() {
      const target = new URL("dist/assets/swagger-ui/", import.meta.url);
      mkdirSync(target, { recursive: true });
      for (const file of ["swagger-ui.css", "swagger-ui-bundle.js", "LICENSE"])
        copyFileSync(
          new URL(`node_modules/swagger-ui-dist/${file}`, import.meta.url),
          new URL(file, target),
        );
    },
  };
}

export default defineConfig({
  plugins: [swaggerUi()],
  server: {
    proxy: { "/api": "http://127.0.0.1:8000", "/ogc": "http://127.0.0.1:8000" },
  },
  build: {
    target: "es2022",
    manifest: true,
    // A worker or font put into the script as a data: address would need a laxer content policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: {
        map: "index.html",
        sos: "sos.html",
        board: "board.html",
        dashboard: "dashboard.html",
        team: "team.html",
        checkpoint: "checkpoint.html",
        ogc: "src/ogc.ts",
      },
    },
  },
});
