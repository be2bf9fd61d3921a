import { Logo } from '../ui/logo.tsx'
import { Breadcrumb } from './breadcrumb.tsx'
import { ConnectionPill } from './connection-pill.tsx'
import { CostMeter } from './cost-meter.tsx'
import { PaletteButton } from './palette-button.tsx'
import { UserMenu } from './user-menu.tsx'

export function TopBar() {
  return (
    <header className="sticky top-0 z-20 flex h-14 items-center gap-2 border-b border-border bg-background/90 px-4 backdrop-blur md:px-6">
      <span className="md:hidden">
        <Logo />
      </span>
      <Breadcrumb />
      <div className="ms-auto flex items-center gap-1 sm:gap-3">
        <PaletteButton />
        <ConnectionPill />
        <CostMeter />
        <UserMenu />
      </div>
    </header>
  )
}
