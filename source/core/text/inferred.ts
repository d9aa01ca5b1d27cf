import type * as z from 'zod';

type Fixed<T> = T extends object ? {readonly [Key in keyof T]: Fixed<T[Key]>} : T;

/** The readonly type of a schema, so that the schema is the only definition of a shape. */
export type Inferred<Schema extends z.ZodType> = Fixed<z.output<Schema>>;
