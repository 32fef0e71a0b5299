"""How and as of when the campaigns of the tests are evaluated."""

from dangol.evaluation import Design

AS_OF = "2017-08-21"
DESIGN = Design(min_contacts=100, active_days=84, placebo_days=28, seed=1, course_weeks=8)
