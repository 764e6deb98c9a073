import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { navigate } from '../../address.ts'
import { useAction } from '../../api/actions.ts'
import { api } from '../../api/client.ts'
import { Button } from '../../components/button.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'

/** Removes an evaluation after asking, and goes to the list. */
export function RemoveEvaluation({ id, title, disabled = false }: { id: string; title: string; disabled?: boolean }) {
  const [asking, setAsking] = useState(false)
  const remove = useAction(
    'Remove',
    () => api.evaluations.remove({ id }),
    () => navigate('/evaluations'),
  )
  return (
    <>
      <Button disabled={disabled} onClick={() => setAsking(true)}>
        <Trash2 aria-hidden /> Remove
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Remove this evaluation?"
        message={`The figures and the list of questions of ${title} are deleted. The files that were scored stay.`}
        action="Remove"
        onConfirm={() => remove.mutate(undefined)}
      />
    </>
  )
}
