import { navigate } from '../address.ts'
import { saveFile } from '../charts/save-picture.ts'
import { notify } from '../components/toast.tsx'
import { useAction } from './actions.ts'
import { api } from './client.ts'

/** Starts rows of a table and opens the ablation that they are arms of. */
export const useRunPaperRows = () =>
  useAction(
    'Start',
    (request: Parameters<typeof api.paper.run>[0]) => api.paper.run(request),
    ({ id }) => navigate(`/ablations/${id}`),
  )

export const useImportFigure = () =>
  useAction(
    'Import',
    async ({
      document,
      ...request
    }: Omit<Parameters<typeof api.paper.import>[0], 'file'> & { document: () => Blob | Promise<Blob> }) =>
      api.paper.import({ ...request, file: await (await document()).text() }),
    ({ metric }) => notify(`${metric} imported`),
  )

export const useRemoveImported = () =>
  useAction(
    'Remove',
    (id: number) => api.paper.removeImported({ id }),
    () => notify('Imported figure removed'),
  )

export const usePaperExport = () =>
  useAction(
    'Export',
    (request: Parameters<typeof api.paper.export>[0]) => api.paper.export(request),
    ({ name, file }) => saveFile(name, file),
  )
