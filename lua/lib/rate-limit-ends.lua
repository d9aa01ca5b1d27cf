--- How the wait of an account ends: by the clock, by an answer, or by a person.
--- uses: rate-limits

--- Lifts a brake; who waits is served by the caller.
local function lift(account, agent, text)
	local rateLimit = rateLimits.teamOrders().rateLimits[account]
	redis.call('HDEL', key('control'), 'rateLimit:' .. account)
	redis.call('HSET', key('rateLimits:before'), account, digits(rateLimit.level) .. ' ' .. digits(now))
	rateLimits.teamOrders().rateLimits[account] = nil
	emit('account_resumed', '', agent, account .. ' ' .. text, prefixed({}, 'c:', {'rateLimit:' .. account, ''}), 'account:' .. account .. ':free')
end

--- What is over by the clock: a trial that nobody told the end of, and a brake after which nobody came for so long that it says nothing any
--- more.
local function liftDue()
	for account, rateLimit in pairs(rateLimits.teamOrders().rateLimits) do
		if now >= rateLimit.ends + (rateLimit.probe == '-' and rateLimits.MEMORY_MS or 0) then
			lift(account, '', 'its wait is over')
		end
	end
end

--- An agent got an answer: where it tried for its account, the others may follow. Returns whether it did.
local function prove(member)
	local rateLimit = rateLimits.of(member.account)
	if not rateLimit or rateLimit.probe ~= member.id then
		return false
	end
	lift(member.account, member.id, 'answered again')
	return true
end

return {lift = lift, liftDue = liftDue, prove = prove}
