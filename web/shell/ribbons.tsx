import { SampleRibbon } from './sample-ribbon.tsx'
import { StandInRibbon } from './stand-in-ribbon.tsx'

/** What stands over every page while something in it is not real. */
export function Ribbons() {
  return (
    <>
      <StandInRibbon />
      <SampleRibbon />
    </>
  )
}
