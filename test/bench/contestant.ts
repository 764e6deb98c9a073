import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Ready, Step } from './serve.ts'

/** How a contestant is started. */
export interface Contestant {
  name: string
  program: string
  args: readonly string[]
  /** Its own part of the one JSON argument that follows. */
  options?: object
}

/** A contestant's process. */
export interface Running {
  name: string
  ready: Ready
  step(): Promise<Step>
  /** Ends it. @returns the most memory it had resident, in MB, if it can tell */
  end(): Promise<number | undefined>
  kill(): void
}

/**
 * Starts a contestant and waits until it is ready.
 * @param shared options that all contestants get
 * @throws Error with the name and the exit code if it ends early
 */
export async function start({ name, program, args, options }: Contestant, shared: object): Promise<Running> {
  const child = spawn(program, [...args, JSON.stringify({ ...shared, ...options })], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Python libraries would draw progress bars.
    env: { ...process.env, TQDM_DISABLE: '1' },
  })
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`cannot be started: ${error.message}`))
    child.once('exit', (code, signal) => resolve(`ended early with ${signal ?? `code ${code}`}`))
  })
  // A write to a process that is gone is told by its missing answer.
  child.stdin.on('error', () => undefined)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  async function answer<Message>(): Promise<Message> {
    for (;;) {
      const line = await lines.next()
      if (line.done) throw new Error(`${name} ${await ended}; what it said is above`)
      // Native libraries print to standard output as well.
      if (line.value.startsWith('{')) return JSON.parse(line.value) as Message
      process.stderr.write(`${name}: ${line.value}\n`)
    }
  }
  const kill = () => void child.kill()
  try {
    const ready = await answer<Ready>()
    return {
      name,
      ready,
      step: () => {
        child.stdin.write('\n')
        return answer<Step>()
      },
      end: async () => {
        child.stdin.end()
        const { peakMemoryMB } = await answer<{ peakMemoryMB?: number }>()
        await ended
        return peakMemoryMB
      },
      kill,
    }
  } catch (error) {
    kill()
    throw error
  }
}
