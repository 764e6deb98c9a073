import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const bundled = ['@orpc/client', '@orpc/contract', '@orpc/server', 'commander', 'drizzle-orm', 'ws', 'zod']

export default defineConfig({
  main: {
    build: {
      sourcemap: true,
      // Plain JavaScript is bundled: loading it file by file costs a second at every start. What has native parts, or
      // finds files of its own, stays in node_modules.
      externalizeDeps: { exclude: bundled },
      rolldownOptions: {
        input: {
          index: 'src-main/host-electron/index.ts',
          browser: 'src-main/host-browser/main.ts',
          train: 'src-main/jobs/train.ts',
          speak: 'src-main/jobs/speak.ts',
          measure: 'src-main/jobs/measure.ts',
          'picture-stream': 'src-main/data/stream/worker.ts',
          trial: 'src-main/engine/runtimes/trial/process.ts',
          cli: 'src-main/cli/main.ts',
        },
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  },
  preload: {
    build: {
      // A sandboxed preload can require nothing but electron, and only CommonJS loads there.
      externalizeDeps: false,
      isolatedEntries: true,
      rolldownOptions: {
        input: { preload: 'src-main/host-electron/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [react(), tailwindcss()],
    build: {
      minify: true,
      // Loaded from this machine's disk, not over a network.
      chunkSizeWarningLimit: 4000,
      // Fonts and pictures stay files: the content security policy has no data: fonts.
      assetsInlineLimit: 0,
      rolldownOptions: { input: 'src-renderer/index.html' },
    },
  },
})
