import {afterAll} from 'vitest';
import './helpers/no-group-killed.ts';
import {letGitRunHere} from './helpers/git-apart.ts';

// Test files share a worker and what it has loaded: whatever one of them set up for itself ends with it.
afterAll(letGitRunHere);
