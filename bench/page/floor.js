import { createElement, StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'

/** The floor: React, one request, one table. */
function Page() {
  const [nodes, setNodes] = useState([])
  useEffect(() => {
    void fetch('./nodes.json')
      .then((reply) => reply.json())
      .then(({ items }) => setNodes(items))
  }, [])
  const row = ({ id, name, host, port, username }) =>
    createElement(
      'tr',
      { key: id },
      [name, `${username}@${host}:${port}`].map((text) => createElement('td', { key: text }, text)),
    )
  return createElement('table', null, createElement('tbody', null, nodes.map(row)))
}

createRoot(document.getElementById('root')).render(createElement(StrictMode, null, createElement(Page)))
