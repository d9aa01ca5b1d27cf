import type {z} from 'zod';

type Fixed<T> = T extends object ? {readonly [Key in keyof T]: Fixed<T[Key]>} : T;

/** What a schema lets through, to be read and not to be changed: the one statement of a shape is its schema. */
export type Inferred<Schema extends z.ZodType> = Fixed<z.output<Schema>>;
