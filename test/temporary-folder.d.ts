/** Where the folders of tests are made: TMPDIR if it is set, else in memory where there is room, else the usual place. */
export const temporaryFolder: (env: Readonly<Record<string, string | undefined>>) => string;
