import { CircleAlert, CircleCheck, X } from 'lucide-react'
import { create } from 'zustand'
import { IconButton } from './button.tsx'
import { describeError } from './states.tsx'

interface Message {
  id: number
  tone: 'ok' | 'danger'
  text: string
  hint: string
}
const useMessages = create<{ messages: Message[] }>(() => ({ messages: [] }))
let count = 0

const dismiss = (id: number) =>
  useMessages.setState(({ messages }) => ({ messages: messages.filter((message) => message.id !== id) }))

function show(message: Omit<Message, 'id'>, milliseconds: number) {
  const id = ++count
  useMessages.setState(({ messages }) => ({ messages: [...messages.slice(-3), { id, ...message }] }))
  setTimeout(() => dismiss(id), milliseconds)
}

/** Says that something was done. */
export const notify = (text: string): void => show({ tone: 'ok', text, hint: '' }, 4000)

/** Says that an action failed, why, and what to do. */
export function notifyError(action: string, error: unknown): void {
  const { message, hint, problems } = describeError(error)
  const detail = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ')
  show({ tone: 'danger', text: `${action}: ${message}`, hint: [detail, hint].filter(Boolean).join(' ') }, 15_000)
}

export function Messages() {
  const { messages } = useMessages()
  return (
    <div
      role="log"
      aria-live="polite"
      aria-label="Messages"
      className="fixed right-4 bottom-10 z-50 flex w-96 flex-col gap-2"
    >
      {messages.map(({ id, tone, text, hint }) => (
        <div key={id} className="flex items-start gap-2 rounded-lg border border-line bg-raised p-3 text-sm shadow-pop">
          {tone === 'ok' ? (
            <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
          ) : (
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
          )}
          <div className="min-w-0 flex-1 break-words">
            {text}
            {hint && <p className="text-muted">{hint}</p>}
          </div>
          <IconButton label="Dismiss" size="iconSmall" onClick={() => dismiss(id)}>
            <X aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  )
}
