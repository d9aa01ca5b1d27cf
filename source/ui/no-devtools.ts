/** Stands in for `react-devtools-core`, which Ink loads only while somebody debugs it; the bundle is never debugged that way. */
const nothing = {initialize: (): void => undefined, connectToDevTools: (): void => undefined};

export default nothing;
