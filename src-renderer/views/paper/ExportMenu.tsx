import { Download } from 'lucide-react'
import { usePaperExport } from '../../api/paper-actions.ts'
import { Button } from '../../components/button.tsx'
import { Menu } from '../../components/menu.tsx'

const formats = [
  { format: 'latex', label: 'LaTeX (booktabs)' },
  { format: 'csv', label: 'CSV, one line a figure' },
  { format: 'html', label: 'HTML report, in one file' },
  { format: 'markdown', label: 'Markdown' },
  { format: 'png', label: 'PNG picture' },
] as const

/** Saves tables as a file. @param tables null: all of them */
export function ExportMenu({
  tables,
  family,
  label,
}: {
  tables: number[] | null
  family: string | null
  label: string
}) {
  const save = usePaperExport()
  return (
    <Menu
      label={label}
      trigger={
        <Button
          size={tables ? 'small' : 'medium'}
          variant={tables ? 'ghost' : 'secondary'}
          disabled={save.isPending}
          aria-label={label}
        >
          <Download aria-hidden /> {tables ? 'Export' : 'Export all'}
        </Button>
      }
      items={formats.map(({ format, label: words }) => ({
        label: words,
        onSelect: () => save.mutate({ format, tables, family }),
      }))}
    />
  )
}
