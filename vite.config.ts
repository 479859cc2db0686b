// Bundles what we write in static/src into static/dist, with a hash of the content in every name.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/static/",
  publicDir: false,
  css: { transformer: "lightningcss" },
  build: {
    outDir: "static/dist",
    assetsDir: "",
    emptyOutDir: true,
    manifest: true,
    // A strict Content-Security-Policy has no room for data: scripts or injected polyfills.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rollupOptions: {
      input: {
        agent: "static/src/agent.ts",
        loader: "static/src/widget/loader.ts",
        frame: "static/src/widget/frame.ts",
        shop: "static/src/shop/shop.ts",
        webform: "static/src/webform/webform.ts",
      },
    },
  },
});
