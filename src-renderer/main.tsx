import './styles.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Router } from 'wouter'
import { useHashPath, useHashSearch } from './address.ts'
import { followChanges } from './api/live.ts'
import { createQueryClient } from './api/queries.ts'
import { TooltipProvider } from './components/tooltip.tsx'
import { Shell } from './shell/Shell.tsx'
import { startTheme } from './theme.ts'

startTheme()
const client = createQueryClient()
followChanges(client)

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element "root"')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <Router hook={useHashPath} searchHook={useHashSearch}>
        <TooltipProvider>
          <Shell />
        </TooltipProvider>
      </Router>
    </QueryClientProvider>
  </StrictMode>,
)
