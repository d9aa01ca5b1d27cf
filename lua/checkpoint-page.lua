--- checkpoint-page: unfinished tasks for a checkpoint, in pages of 500; 500 dead ones come with the first and the last page, 100 finished with the last.
--- Guarantees: reads only. Pages may be read one after the other while the team works: entries carry absolute values, so that the pages and every entry
--- after the first page's id, folded in order, are the state at the last page's. One that ends in between comes with the last page, one
--- that appears has its entries, one that is revived came with the first. Long texts stay out.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 version  of the format that is going to be written
---   3 interval entries between two checkpoints
---   4 cursor   '' for the first page, then what the last page answered
---
--- Replies: 'ok' streamId position {task, {fields}, ...} cursor ('' at the end) | 'early', instead of a first page that nobody needs yet
---
--- uses: record

local version = ARGV[2]
local interval = tonumber(ARGV[3])
local cursor = ARGV[4]

local written, trimmed, streamId = record.positionOf()
if cursor == '' and not record.isWanted(written, written, trimmed, version, interval) then
	return {'early'}
end

local tasks = {}
local function read(ids)
	for _, id in ipairs(ids) do
		local fields = softly('HGETALL', taskKey(id))
		if fields then
			put(tasks, id, fields)
		end
	end
end

--- After the last one read, or, where it is no longer there, from those that are as old: some come twice then, none is left out.
local start = 0
if cursor ~= '' then
	local score, last = string.match(cursor, '^(%S+) (.+)$')
	local rank = redis.call('ZRANK', key('tasks:live'), last)
	start = rank and rank + 1 or redis.call('ZCOUNT', key('tasks:live'), '-inf', '(' .. score)
end
local page = redis.call('ZRANGE', key('tasks:live'), start, start + 499, 'WITHSCORES')
local ids = {}
for index = 1, #page, 2 do
	ids[#ids + 1] = page[index]
end
read(ids)
local nextCursor = #ids == 500 and page[#page] .. ' ' .. page[#page - 1] or ''
if nextCursor == '' then
	read(redis.call('ZREVRANGE', key('tasks:done'), 0, 99))
end
if nextCursor == '' or cursor == '' then
	read(redis.call('ZREVRANGE', key('tasks:failed'), 0, 499))
end
return {'ok', streamId, digits(written), tasks, nextCursor}
