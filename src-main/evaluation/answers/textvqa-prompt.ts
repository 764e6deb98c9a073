const OCR = 'Reference OCR token: '

/**
 * The question in a prompt of LLaVA's TextVQA files, in small letters: with the picture's name it is what the annotation is
 * found by. Prompts are a question and a line that says how to answer, with a line of OCR tokens before or behind the
 * question; or the older "OCR tokens: … Question: … Short answer:".
 * @returns null for a prompt of another form
 */
export function questionInPrompt(prompt: string): string | null {
  const lines = prompt.split('\n')
  let question: string | undefined
  if (prompt.startsWith('OCR tokens: ')) question = /Question: (.*?) Short answer:/s.exec(prompt)?.[1]
  else if (prompt.includes(OCR) && lines.length === 3) question = prompt.startsWith(OCR.trimEnd()) ? lines[1] : lines[0]
  else if (lines.length === 2) question = lines[0]
  return question === undefined ? null : question.toLowerCase()
}
