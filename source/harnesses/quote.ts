/** A word for a POSIX shell: what a program's settings take as one command line, made of arguments. */
export const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
