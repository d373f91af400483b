// Builds static/ from assets/: the style sheets, one self-contained ES module per script in assets/js, files as they are.
//   node tools/build_assets.mjs [--watch]
import { spawn } from "node:child_process";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const assets = join(root, "assets");
const built = join(root, "static");
const watching = process.argv.includes("--watch");
const copied = ["img", "fonts"];
const ownStyles = ["room.css"]; // of pages that do not load app.css; without Tailwind

async function filesOf(folder, extension) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith(extension)).map((entry) => join(folder, entry.name));
}

function styles() {
  const manifest = createRequire(import.meta.url).resolve("@tailwindcss/cli/package.json");
  const cli = join(dirname(manifest), "dist", "index.mjs");
  const files = ["--input", join(assets, "css", "app.css"), "--output", join(built, "css", "app.css")];
  const flags = watching ? ["--minify", "--watch=always"] : ["--minify"];
  const tailwind = spawn(process.execPath, [cli, ...files, ...flags], { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  tailwind.stderr.on("data", (text) => (watching ? process.stderr.write(text) : (said += text)));
  return new Promise((resolve, reject) =>
    tailwind.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`tailwindcss failed:\n${said}`)))),
  );
}

async function scripts() {
  const options = {
    absWorkingDir: root,
    entryPoints: [...(await filesOf(join(assets, "js"), ".js")), ...ownStyles.map((name) => join(assets, "css", name))],
    outdir: built,
    outbase: assets,
    external: ["*.woff2"],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    legalComments: "none",
    logLevel: "warning",
  };
  if (!watching) return esbuild.build(options);
  const context = await esbuild.context({ ...options, logLevel: "info" });
  return context.watch();
}

async function copies() {
  for (const folder of copied) {
    await rm(join(built, folder), { recursive: true, force: true });
    await mkdir(join(built, folder), { recursive: true });
    await cp(join(assets, folder), join(built, folder), { recursive: true, force: true }).catch((error) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
}

await copies();
await Promise.all([styles(), scripts()]);
