/** Where onnxruntime computes: its execution providers, as far as onnxruntime-node has them. */
export const onnxProviders = ['cpu', 'webgpu', 'dml', 'coreml', 'cuda'] as const
export type OnnxProvider = (typeof onnxProviders)[number]

export const providerTitles: Readonly<Record<OnnxProvider, string>> = {
  cpu: 'the processor',
  webgpu: 'WebGPU',
  dml: 'DirectML',
  coreml: 'CoreML',
  cuda: 'CUDA',
}

/** What has to be there for a provider, for a person whose machine lacks it. */
export const providerRemedies: Readonly<Record<OnnxProvider, string>> = {
  cpu: 'run "npm ci" again',
  webgpu:
    'install the graphics driver (on Linux with its Vulkan part, and the libvulkan1 package), or set engine.provider to "cpu"',
  dml: 'DirectML needs Windows 10 or later and a DirectX 12 graphics driver; set engine.provider to "cpu" otherwise',
  coreml: 'CoreML needs macOS; set engine.provider to "cpu" otherwise',
  cuda: 'run "npm run setup:cuda" once (Linux on x64, an NVIDIA driver, CUDA 12 and cuDNN 9), or set engine.provider to "cpu"',
}

/** Providers that the onnxruntime-node package has for a system; CUDA's libraries come by a script of their own. */
export function providersOn(platform: NodeJS.Platform, architecture: string): OnnxProvider[] {
  if (platform === 'win32') return ['cpu', 'dml', 'webgpu']
  if (platform === 'darwin') return ['cpu', 'coreml', 'webgpu']
  return architecture === 'x64' ? ['cpu', 'cuda', 'webgpu'] : ['cpu']
}
