import {afterAll} from 'vitest';
import './helpers/no-group-killed.ts';
import {letGitRunHere} from './helpers/git-apart.ts';

// Whatever a test file set up for itself ends with it.
afterAll(letGitRunHere);
