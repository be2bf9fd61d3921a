import type { ErrorCatalogue } from './meaning.ts'

/** Plans, what is decided about them, and the trash. */
export const planErrors = {
  'rejection.not_found': {
    status: 404,
    title: 'This rejection is not remembered any more',
    fix: 'Reload the list of rejections.',
  },
  'plan.not_found': {
    status: 404,
    title: 'There is no such plan',
    fix: 'Look under Approvals; plans go with their execution when it is old enough.',
  },
  'plan.decided': {
    status: 409,
    title: 'This was decided already',
    fix: 'Open the plan again to see who decided what.',
  },
  'plan.expired': {
    status: 409,
    title: 'This plan is too old',
    fix: 'Run the agent again; a fresh look gives a fresh plan.',
  },
  'plan.superseded': {
    status: 409,
    title: 'Things have changed since this plan',
    fix: 'Open the newest plan, or run the agent again.',
  },
  'plan.name_not_typed': {
    status: 422,
    title: 'The name was not typed as it is',
    fix: 'Type the name of what is to be removed, exactly.',
  },
  'plan.same_person': {
    status: 403,
    title: 'A second person has to approve this',
    fix: 'Ask somebody else who may approve changes; the settings ask for two people.',
  },
  'plan.needs_admin': {
    status: 403,
    title: 'Only an administrator may approve what cannot be taken back',
    fix: 'Ask an administrator, or leave those changes out.',
  },
  'plan.no_trash_room': {
    status: 409,
    title: 'There is no room in the trash of this node',
    fix: 'Approve less at a time, discard what was set aside earlier, or raise the limit under Settings, General.',
  },
  'trash.not_found': {
    status: 404,
    title: 'There is no such entry in the trash',
    fix: 'Look at the list of the trash again.',
  },
  'trash.gone': {
    status: 409,
    title: 'This cannot be brought back any more',
    fix: 'Its time is over, or it was restored already; see what the history of the object says.',
  },
  'policy.not_found': {
    status: 404,
    title: 'There is no such policy',
    fix: 'Look at the list of policies again.',
  },
  'policy.too_risky': {
    status: 422,
    title: 'This kind of change is never approved without asking',
    fix: 'Approve such changes one by one; only what can be taken back may be approved in advance.',
  },
} as const satisfies ErrorCatalogue
