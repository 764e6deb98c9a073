import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Folder of onnxruntime-node's libraries for this system; CUDA's have their place there too. */
export function onnxLibraryFolder(): string {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node')
  return join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch)
}

/** Names under which the setup script puts onnxruntime's CUDA provider. */
export const cudaLibraries = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'] as const

export const hasCudaLibraries = (folder = onnxLibraryFolder()): boolean =>
  cudaLibraries.every((name) => existsSync(join(folder, name)))

/** Drivers that compute on the processor, by the names of their files. */
const software = /swiftshader|lvp_|lavapipe|llvmpipe/i

/**
 * Whether WebGPU would find a real graphics device. On Linux that is a render node of the kernel's, NVIDIA's own device, or
 * WSL's, unless the environment names a driver that computes on the processor; Macs always have one. On Windows it cannot
 * be told from here, and DirectML is there.
 */
export function hasGraphicsDevice(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
  devices: readonly string[] = platform === 'linux' ? linuxDevices() : [],
): boolean {
  if (platform === 'darwin') return true
  if (platform !== 'linux') return false
  const drivers = `${environment.VK_DRIVER_FILES ?? ''} ${environment.VK_ICD_FILENAMES ?? ''}`
  return devices.some((name) => /^(renderD\d+|nvidia\d+|dxg)$/.test(name)) && !software.test(drivers)
}

function linuxDevices(): string[] {
  return ['/dev', '/dev/dri'].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []))
}
