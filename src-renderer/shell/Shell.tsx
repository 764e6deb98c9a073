import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { settingsQuery } from '../api/queries.ts'
import { InspectorPane } from '../components/inspector.tsx'
import { Messages } from '../components/toast.tsx'
import { useTheme } from '../theme.ts'
import { useShellKeyboard } from './keyboard.ts'
import { Palette } from './Palette.tsx'
import { Rail } from './Rail.tsx'
import { Routes } from './Routes.tsx'
import { Shortcuts } from './Shortcuts.tsx'
import { StatusLine } from './StatusLine.tsx'

/** The window's frame: rail, view, inspector, status line. */
export function Shell() {
  useShellKeyboard()
  useSavedTheme()
  return (
    <div className="flex h-full flex-col">
      <div className="flex min-h-0 flex-1">
        <Rail />
        <main className="min-w-0 flex-1">
          <Routes />
        </main>
        <InspectorPane />
      </div>
      <StatusLine />
      <Palette />
      <Shortcuts />
      <Messages />
    </div>
  )
}

/** Takes over the theme that is kept with the app's settings, once they are there. */
function useSavedTheme(): void {
  const { data } = useQuery(settingsQuery)
  const setTheme = useTheme((state) => state.setTheme)
  useEffect(() => setTheme(data?.theme), [data, setTheme])
}
