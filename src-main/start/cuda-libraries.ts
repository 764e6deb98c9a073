import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cudaLibraries } from '../engine/runtimes/hardware.ts'

export interface CudaMachine {
  platform: NodeJS.Platform
  architecture: string
  /** Whether the kernel has NVIDIA's driver loaded. */
  driver: boolean
}

/** On Linux the driver shows itself as a file; WSL has Windows's driver behind a device of its own. */
export const thisMachine = (): CudaMachine => ({
  platform: process.platform,
  architecture: process.arch,
  driver: ['/proc/driver/nvidia/version', '/dev/nvidia0', '/dev/dxg'].some((path) => existsSync(path)),
})

/** Why onnxruntime's CUDA libraries would be of no use here, with what to do instead; or null. */
export function obstacleToCuda({ platform, architecture, driver }: CudaMachine): string | null {
  if (platform === 'win32')
    return 'onnxruntime-node has no CUDA on Windows; it has DirectML inside, so leave engine.provider at "auto"'
  if (platform === 'darwin') return 'there is no CUDA on a Mac; onnxruntime-node has CoreML and WebGPU inside'
  if (platform !== 'linux' || architecture !== 'x64')
    return `onnxruntime-node's CUDA libraries are for Linux on x64, not for ${platform} on ${architecture}; use engine.provider "cpu"`
  if (!driver)
    return 'no NVIDIA driver is loaded here (no /proc/driver/nvidia/version, no /dev/nvidia0); install it first, and see that "nvidia-smi" lists the card'
  return null
}

/**
 * Fetches onnxruntime's CUDA 12 libraries with the installer of the onnxruntime-node package, which knows where they are and
 * where they belong; npm ci skips it (.npmrc), as most machines have no use for the 300 MB.
 * @param packageFolder of onnxruntime-node
 * @param libraryFolder where they end up
 * @throws Error with one sentence why they could not be fetched
 */
export async function fetchCudaLibraries(
  packageFolder: string,
  libraryFolder: string,
  say: (line: string) => void,
): Promise<void> {
  const installer = join(packageFolder, 'script', 'install.js')
  if (!existsSync(installer)) throw new Error('the package "onnxruntime-node" is not installed; run "npm ci"')
  const { code, stderr } = await runInstaller(installer, say)
  if (code !== 0) throw new Error(explainInstaller(stderr, code))
  const missing = cudaLibraries.filter((name) => !existsSync(join(libraryFolder, name)))
  if (missing.length > 0)
    throw new Error(
      `the installer of onnxruntime-node ended without ${missing.join(' and ')} in ${libraryFolder}; run "npm ci" and try again`,
    )
}

function runInstaller(
  installer: string,
  say: (line: string) => void,
): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    // This variable goes before the "skip" of .npmrc, which npm hands down as another one.
    const environment = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'cuda12' }
    const child = spawn(process.execPath, [installer], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) if (line.trim() !== '') say(line)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-8000)
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stderr }))
  })
}

function explainInstaller(stderr: string, code: number | null): string {
  const [, host] =
    /(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)\s+([\w.:-]+)/.exec(stderr) ?? []
  if (host)
    return `the server ${host} cannot be reached; connect to the internet (or set HTTPS_PROXY) and run "npm run setup:cuda" again`
  const [, status] = /HTTP status code = (\d+)/.exec(stderr) ?? []
  if (status) return `the server answered with status ${status}; try again later`
  if (/ENOSPC/.test(stderr)) return 'the disk is full; the libraries need about 1 GB while they are unpacked'
  if (/EACCES|EPERM/.test(stderr))
    return 'the folder of onnxruntime-node cannot be written; run this as the user who ran "npm ci"'
  const said = /^\s*(?:\w*Error: )(.*)$/m.exec(stderr)?.[1]
  return `the installer of onnxruntime-node ended with exit code ${code}${said ? `: ${said}` : ''}`
}
