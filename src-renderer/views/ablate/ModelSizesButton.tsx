import { useMutation } from '@tanstack/react-query'
import { ScanSearch } from 'lucide-react'
import type { ModelSizes } from '../../../src-shared/models.ts'
import { api } from '../../api/client.ts'
import { Button } from '../../components/button.tsx'
import { describeError } from '../../components/states.tsx'

/** Reads the sizes that a config repeats from the model's own files. */
export function ModelSizesButton({ path, onRead }: { path: string; onRead: (sizes: ModelSizes) => void }) {
  const read = useMutation({
    mutationFn: () => api.models.describe({ path: path.trim() }),
    onSuccess: ({ sizes }) => onRead(sizes),
  })
  return (
    <div className="border-b border-line py-1.5">
      <Button size="small" disabled={path.trim() === '' || read.isPending} onClick={() => read.mutate()}>
        <ScanSearch aria-hidden /> {read.isPending ? 'Reading' : 'Take the sizes from the model'}
      </Button>
      {read.error && <p className="mt-1 text-xs break-words text-danger">{describeError(read.error).message}</p>}
    </div>
  )
}
