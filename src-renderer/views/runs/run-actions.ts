import type { RunState } from '../../../src-shared/events.ts'

/** What can be done with a run in a state. The app decides again when it is asked. */
export const canPause = (state: RunState): boolean => state === 'running' || state === 'queued'
export const canResume = (state: RunState): boolean =>
  state === 'paused' || state === 'stopped' || state === 'interrupted' || state === 'failed'
export const canStop = (state: RunState): boolean => state === 'running' || state === 'queued'
export const canRemove = (state: RunState): boolean => state !== 'running' && state !== 'queued'
