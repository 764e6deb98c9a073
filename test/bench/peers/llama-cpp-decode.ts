import { fromPeers } from '../installed.ts'
import { givenOptions, serve } from '../serve.ts'
import type { DecodeShape } from '../shapes.ts'

/** Greedy decoding by llama.cpp: the GGUF file as it is, on the processor alone, its default cache of float16. */

/** The part of node-llama-cpp that is used here. */
interface LlamaCpp {
  getLlama(options: object): Promise<{
    llamaCppRelease: { release: string }
    loadModel(options: object): Promise<{
      createContext(options: object): Promise<{
        getSequence(): {
          clearHistory(): Promise<void>
          evaluate(tokens: readonly number[], options: object): AsyncIterable<number>
        }
      }>
    }>
    dispose(): Promise<void>
  }>
}

const { model: modelPath, prompt, newTokens, compared, threads } = givenOptions<DecodeShape & { threads: number }>()
const { module, version } = await fromPeers<LlamaCpp>('node-llama-cpp')
const llama = await module.getLlama({
  gpu: false,
  // It would otherwise fetch and compile llama.cpp where its own binary does not fit.
  build: 'never',
  skipDownload: true,
  progressLogs: false,
  logLevel: 'warn',
  maxThreads: threads,
})
const model = await llama.loadModel({ modelPath, gpuLayers: 0 })
const context = await model.createContext({ contextSize: prompt.length + newTokens, threads })
const sequence = context.getSequence()

async function step() {
  await sequence.clearHistory()
  const tokens: number[] = []
  let first = 0
  for await (const token of sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
    tokens.push(token)
    if (tokens.length === 1) first = performance.now()
    if (tokens.length === newTokens) break
  }
  if (tokens.length < newTokens) throw new Error(`only ${tokens.length} of ${newTokens} tokens came`)
  return { ms: performance.now() - first, value: tokens.slice(0, compared).reduce((sum, token) => sum + token, 0) }
}

await serve({ ready: `llama.cpp ${llama.llamaCppRelease.release} by node-llama-cpp ${version}` }, step, {
  end: () => llama.dispose(),
})
