import { useMutation, useQueryClient } from '@tanstack/react-query'
import { navigate } from '../address.ts'
import { notify, notifyError } from '../components/toast.tsx'
import { api } from './client.ts'

/** Something a person does to the app: failures are shown, and the lists that it touches are refreshed. */
export function useAction<Input, Output>(
  name: string,
  act: (input: Input) => Promise<Output>,
  then?: (output: Output, input: Input) => void,
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: act,
    onSuccess: (output, input) => {
      then?.(output, input)
      return client.invalidateQueries({
        predicate: ({ queryKey: [topic] }) =>
          topic !== 'presets' && topic !== 'preflight' && topic !== 'data' && topic !== 'experiments',
      })
    },
    onError: (error) => notifyError(name, error),
  })
}

const each = (act: (input: { id: string }) => Promise<unknown>) => (ids: readonly string[]) =>
  Promise.all(ids.map((id) => act({ id })))

export const usePauseRuns = () => useAction('Pause', each(api.runs.pause))
export const useResumeRuns = () => useAction('Resume', each(api.runs.resume))
export const useStopRuns = () => useAction('Stop', each(api.runs.stop))
export const useRemoveRuns = () =>
  useAction('Remove', each(api.runs.remove), (_, ids) =>
    notify(ids.length === 1 ? 'Run removed' : `${ids.length} runs removed`),
  )
export const useSwitchOffDiscriminator = () =>
  useAction('Switch off the discriminator', (id: string) => api.runs.switchOffDiscriminator({ id }))
/** Same config, new run; opens it. */
export const useCloneRun = () =>
  useAction(
    'Clone',
    (id: string) => api.runs.clone({ id }),
    ({ id }) => navigate(`/runs/${id}`),
  )
export const useAnnotateRun = () =>
  useAction('Save', (note: Parameters<typeof api.runs.annotate>[0]) => api.runs.annotate(note))

const openAblation = ({ id }: { id: string }) => navigate(`/ablations/${id}`)
/** The preset "quick" as it stands; opens its matrix. */
export const useQuickAblation = () => useAction('Quick ablation', () => api.ablations.quick(), openAblation)
export const useCreateAblation = () =>
  useAction('Start', (plan: Parameters<typeof api.ablations.create>[0]) => api.ablations.create(plan), openAblation)
export const useStopAblation = () => useAction('Stop', (id: string) => api.ablations.stop({ id }))
export const useRemoveAblation = () =>
  useAction(
    'Remove',
    (id: string) => api.ablations.remove({ id }),
    () => navigate('/ablate'),
  )

export const useSetConcurrency = () =>
  useAction('Set concurrency', (concurrency: number) => api.app.setConcurrency({ concurrency }))
export const useSaveSetting = () =>
  useAction('Save setting', (setting: Parameters<typeof api.app.saveSetting>[0]) => api.app.saveSetting(setting))
