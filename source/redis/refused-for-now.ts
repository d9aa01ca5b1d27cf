/** First words of a server that will take the same command later: it loads, its memory or disk is full, it waits for its replicas. */
const FOR_NOW = /^(?:LOADING|BUSY|OOM|MISCONF|READONLY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b/;

/** Whether Redis answered, and refused only for the time being: a person can mend it and nothing is wrong with the command. */
export const isRefusedForNow = (error: unknown): error is Error => error instanceof Error && FOR_NOW.test(error.message);
