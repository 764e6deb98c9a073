import type { RuntimeChoice } from '../../engine/runtimes/load-runtime.ts'
import { providersOn, providerTitles } from '../../engine/runtimes/providers.ts'
import type { Trial } from '../../engine/runtimes/trial/step.ts'
import { differenceFrom, type TrialAnswer, tryRuntime } from '../../engine/runtimes/trial/try-runtime.ts'
import type { Finding } from './finding.ts'
import { packageVersion } from './packages.ts'

type Attempt = (choice: RuntimeChoice) => Promise<TrialAnswer>

/**
 * Takes a few training steps on every runtime and provider that this system can have, one after the other so that the times
 * can be compared. The first is onnxruntime on the processor, which training needs and whose numbers the others must give.
 */
export async function examineRuntimes(
  threads: number,
  tensorflow: string,
  attempt: Attempt = tryRuntime,
  platform: NodeJS.Platform = process.platform,
  architecture: string = process.arch,
): Promise<Finding[]> {
  const choices: { name: string; choice: RuntimeChoice }[] = providersOn(platform, architecture).map((provider) => ({
    name: `onnxruntime on ${providerTitles[provider]}`,
    choice: { runtime: 'onnx', provider, threads },
  }))
  choices.push({ name: 'TensorFlow', choice: { runtime: 'tensorflow', provider: 'auto', threads, folder: tensorflow } })
  const findings: Finding[] = []
  let reference: Trial | undefined
  for (const { name, choice } of choices) {
    const needed = findings.length === 0
    const answer = await attempt(choice)
    if (needed && 'trial' in answer) reference = answer.trial
    findings.push({ name, needed, ...verdict(answer, reference, needed) })
  }
  const [processor] = findings
  if (processor?.ok) processor.detail = `version ${await packageVersion('onnxruntime-node')}, ${processor.detail}`
  return findings
}

function verdict(answer: TrialAnswer, reference: Trial | undefined, needed: boolean) {
  if ('problem' in answer) {
    // Errors of the engine end with what to do.
    const [detail = '', ...rest] = (answer.problem.split('\n', 1)[0] as string).split(/; (?=[^;]*$)/)
    const remedy = rest.join('') || (needed ? 'run "npm ci" again' : 'choose another engine.provider')
    return { ok: false, detail, remedy: `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.` }
  }
  const { trial } = answer
  const wrong = reference ? differenceFrom(reference, trial) : null
  if (wrong) return { ok: false, detail: wrong, remedy: 'Update its driver, or set engine.provider to another.' }
  return { ok: true, detail: `${trial.msPerStep.toFixed(1)} ms a small training step`, remedy: '' }
}
