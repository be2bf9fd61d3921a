/** Nodes on one page of the list. */
export const pageSize = 50
/** Tags are gathered from so many nodes; others are reached by a click on a tag. */
export const tagsFrom = 200
/** How many of the newest executions are looked at for the last runs of each node. */
export const runsFrom = 200
