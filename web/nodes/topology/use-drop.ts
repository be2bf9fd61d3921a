import { type DragEvent, useState } from 'react'
import { askToRun } from '../../lib/run-request.ts'

/** What travels with a dragged agent. Its own type, so that no text or file that is dropped here is taken for one. */
const agentType = 'application/x-carl-agent'

export const draggedAgent = (id: string) => ({
  draggable: true,
  onDragStart: (event: DragEvent) => {
    event.dataTransfer.setData(agentType, id)
    event.dataTransfer.effectAllowed = 'copy'
  },
})

/** A place where an agent can be dropped: it asks to run it there. `isOver` while one hovers. */
export function useDrop(targets: readonly string[], isOn: boolean) {
  const [isOver, setOver] = useState(false)
  if (!isOn) return { isOver: false, drop: {} }
  const isAgent = (event: DragEvent) => event.dataTransfer.types.includes(agentType)
  return {
    isOver,
    drop: {
      onDragOver: (event: DragEvent) => {
        if (!isAgent(event)) return
        event.preventDefault()
        // The group around a node is another place.
        event.stopPropagation()
        event.dataTransfer.dropEffect = 'copy'
        setOver(true)
      },
      onDragLeave: () => setOver(false),
      onDrop: (event: DragEvent) => {
        setOver(false)
        if (!isAgent(event)) return
        event.preventDefault()
        event.stopPropagation()
        askToRun({ agentId: event.dataTransfer.getData(agentType), targets })
      },
    },
  }
}
