import { copyFileSync, mkdirSync } from "node:fs";
import { basename } from "node:path";
import { defineConfig, type Plugin } from "vite";

/** What is laid beside the build: Swagger UI for the API's page, Leaflet to be put into briefings. */
const BESIDE = {
  "swagger-ui": [
    "swagger-ui-dist/swagger-ui.css",
    "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui-dist/LICENSE",
  ],
  leaflet: ["leaflet/dist/leaflet.js", "leaflet/dist/leaflet.css", "leaflet/LICENSE"],
};

/** Lays files of packages beside the build, so that no page asks another host for them. */
function beside(): Plugin {
  return {
    name: "beside",
    apply: "build",
    closeBundle() {
      for (const [folder, files] of Object.entries(BESIDE)) {
        const target = new URL(`dist/assets/${folder}/`, import.meta.url);
        mkdirSync(target, { recursive: true });
        for (const file of files)
          copyFileSync(
            new URL(`node_modules/${file}`, import.meta.url),
            new URL(basename(file), target),
          );
      }
    },
  };
}

export default defineConfig({
  plugins: [beside()],
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
        directives: "directives.html",
        epidemic: "epidemic.html",
        team: "team.html",
        checkpoint: "checkpoint.html",
        declare: "declare.html",
        flags: "flags.html",
        "check-in": "check-in.html",
        tracing: "tracing.html",
        registers: "registers.html",
        vaccination: "vaccination.html",
        vaccinate: "vaccinate.html",
        progress: "vaccination-progress.html",
        hotline: "hotline.html",
        ogc: "src/ogc.ts",
      },
    },
  },
});
