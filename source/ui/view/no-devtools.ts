const devtools = {initialize: (): void => {}, connectToDevTools: (): void => {}};

/** Replaces `react-devtools-core` in the bundle: Ink only imports it when DEV is set. */
export {devtools as default};
