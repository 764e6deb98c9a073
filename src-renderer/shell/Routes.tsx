import { BookOpen, Compass, Grid3x3, MessagesSquare } from 'lucide-react'
import { Link, Route, Switch } from 'wouter'
import { Button } from '../components/button.tsx'
import { Page } from '../components/page.tsx'
import { EmptyState } from '../components/states.tsx'
import { AblateView } from '../views/ablate/AblateView.tsx'
import { AblationView } from '../views/ablate/AblationView.tsx'
import { PlanView } from '../views/ablate/PlanView.tsx'
import { CompareView } from '../views/compare/CompareView.tsx'
import { ModelsView } from '../views/data/ModelsView.tsx'
import { SourceView } from '../views/data/SourceView.tsx'
import { EvaluationsView } from '../views/evaluations/EvaluationsView.tsx'
import { EvaluationView } from '../views/evaluations/EvaluationView.tsx'
import { HomeView } from '../views/home/HomeView.tsx'
import { PaperView } from '../views/paper/PaperView.tsx'
import { LatestRunView } from '../views/run/LatestRunView.tsx'
import { RunView } from '../views/run/RunView.tsx'
import { RunsView } from '../views/runs/RunsView.tsx'
import { SettingsView } from '../views/settings/SettingsView.tsx'

/** Which view stands at which path. */
export const Routes = () => (
  <Switch>
    <Route path="/">
      <HomeView />
    </Route>
    <Route path="/runs">
      <RunsView />
    </Route>
    <Route path="/runs/:id">{({ id }) => <RunView key={id} id={id} />}</Route>
    <Route path="/ablate">
      <AblateView />
    </Route>
    <Route path="/ablate/new">
      <PlanView />
    </Route>
    <Route path="/ablations/:id">{({ id }) => <AblationView key={id} id={id} />}</Route>
    <Route path="/compare">
      <CompareView />
    </Route>
    <Route path="/codebook">
      <LatestRunView tab="codebook" title="Codebook" icon={<BookOpen aria-hidden />}>
        The codebook of the latest run stands here: how often each code is used over time, what it paints, and how far
        it is from the language model.
      </LatestRunView>
    </Route>
    <Route path="/code-maps">
      <LatestRunView tab="maps" title="Code maps" icon={<Grid3x3 aria-hidden />}>
        The code maps of the latest run stand here: which code stands for which part of a picture, layer by layer,
        beside the picture and its reconstruction.
      </LatestRunView>
    </Route>
    <Route path="/chat">
      <LatestRunView tab="speak" title="Chat and paint" icon={<MessagesSquare aria-hidden />}>
        The model of the latest run with a second stage stands here. In that stage (multimodal.steps above 0) a language
        model learns to answer questions about pictures and to paint pictures as codes.
      </LatestRunView>
    </Route>
    <Route path="/paper">
      <PaperView />
    </Route>
    <Route path="/evaluations">
      <EvaluationsView />
    </Route>
    <Route path="/evaluations/:id">{({ id }) => <EvaluationView key={id} id={id} />}</Route>
    <Route path="/data">
      <SourceView />
    </Route>
    <Route path="/data/models">
      <ModelsView />
    </Route>
    <Route path="/settings">
      <SettingsView />
    </Route>
    <Route>
      <Page title="Not found">
        <EmptyState
          icon={<Compass aria-hidden />}
          title="There is nothing at this address"
          actions={
            <Button asChild variant="primary">
              <Link href="/">Go to Home</Link>
            </Button>
          }
        >
          The address may be from another version, or mistyped.
        </EmptyState>
      </Page>
    </Route>
  </Switch>
)
