--- One effect for one op-id.
--- Guarantees: a script that changed something has stored its answer in the same step; sent again within a day, it changes nothing and gives
--- that first answer. The digits that an op-id begins with name the hash it is kept in (the hour in which its sender made it, by
--- whatever clock: the same each time it is sent), so one look finds it, and there is no key with a TTL each.
--- An op-id may end in a blank and who ordered it: every entry of the script carries that as `by`.
--- Answers without an effect are not stored: asking again is harmless and costs no write.
--- What a leader does carries its token behind an `@`: once another leads, nothing of it is written, and the answer is 'superseded'.
--- uses: leader

--- The hash of the op-id, and the op-id: known from `answered` on.
local answers, asked = nil, nil

--- The first answer to this op-id, which is the reply where there is one; nil the first time. Every script that takes an op-id begins with it.
local function answered(op)
	needsRecord()
	orderFrom(string.match(op, '^%d+%-%S+ (.+)$') or '')
	local token = string.match(op, '^%d+%-[^%s@]+@(%S+)')
	answers, asked = key('ops:' .. string.match(op, '^%d*')), op
	local first = redis.call('HGET', answers, asked)
	if not first then
		return token and not leader.isIt(token) and {'superseded'} or nil
	end
	local words = {}
	for word in string.gmatch(first, '[^\n]+') do
		words[#words + 1] = word
	end
	return words
end

--- Stores and returns the answer, words without a line break, for a day at least: the hash of an hour ends 25 hours after its first answer; where
--- the clocks of two senders are hours apart, 25 hours after the one that came too late for that.
local function remember(...)
	local answer = {...}
	redis.call('HSET', answers, asked, table.concat(answer, '\n'))
	if redis.call('TTL', answers) < 86400 then
		redis.call('EXPIRE', answers, 90000)
	end
	return answer
end

return {answered = answered, remember = remember}
