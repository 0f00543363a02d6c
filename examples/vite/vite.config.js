import { defineConfig } from "vite";

export default defineConfig({
  server: {
    // An address: Vite's own default, localhost, is ::1 alone on some machines.
    host: "127.0.0.1",
    port: Number(process.env.PORT ?? 3000),
    // Another port would not be the one that nginx passes requests to.
    strictPort: true,
    // Nothing about HMR: its socket goes where the page came from, so through nginx.
  },
});
