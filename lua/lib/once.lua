--- One effect per op-id.
--- Guarantees: a script that changed something stores its answer in the same step; sent again within a day, it changes nothing and returns
--- that answer. The digits at the start of an op-id name its hash (the hour of its sender's clock, the same for each resend), so one look
--- finds it, and no key needs its own TTL. An op-id may end in a blank and who ordered it: every entry of the script carries that as `by`.
--- Answers without an effect are not stored: asking again is harmless and costs no write.
--- What a leader does carries its token behind an `@`: once another leads, nothing of it is written, and the answer is 'superseded'. Its
--- key is read here, not by lib/leader: every script that changes something loads this file.

--- The op-id and its hash, set by `answered`.
local answers, asked = nil, nil

--- The stored answer to this op-id, which is the reply; nil the first time. Every script with an op-id starts with it.
local function answered(op)
	needsRecord()
	if string.find(op, ' ', 1, true) then
		orderFrom(string.match(op, '^%d+%-%S+ (.+)$') or '')
	end
	local token = string.find(op, '@', 1, true) and string.match(op, '^%d+%-[^%s@]+@(%S+)')
	answers, asked = key('ops:' .. string.match(op, '^%d*')), op
	local first = redis.call('HGET', answers, asked)
	if not first then
		return token and redis.call('HGET', key('leader'), 'token') ~= token and {'superseded'} or nil
	end
	local words = {}
	for word in string.gmatch(first, '[^\n]+') do
		words[#words + 1] = word
	end
	return words
end

--- Stores and returns the answer, words without a line break, for a day at least: the hash expires 25 hours after its first answer; if
--- senders' clocks are hours apart, 25 hours after an answer that came too late for that.
local function remember(...)
	local answer = {...}
	redis.call('HSET', answers, asked, table.concat(answer, '\n'))
	if redis.call('TTL', answers) < 86400 then
		redis.call('EXPIRE', answers, 90000)
	end
	return answer
end

return {answered = answered, remember = remember}
