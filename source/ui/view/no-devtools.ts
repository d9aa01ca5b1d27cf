const devtools = {initialize: (): void => {}, connectToDevTools: (): void => {}};

/** Stands in for `react-devtools-core` in the bundle: Ink imports it by its default, and only when DEV is set. */
export {devtools as default};
