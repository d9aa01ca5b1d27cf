/** What the system calls an error (`ENOENT`), '' for one that has no name. */
export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
