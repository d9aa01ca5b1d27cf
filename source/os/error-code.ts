export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
