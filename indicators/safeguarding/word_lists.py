"""The words by which names are known: an age, a child, a given name, or that there is none.

English, French, Spanish and Arabic. Words of texts are compared ``fold_accents``: without accents,
capitals and, in Arabic, hamza; those of patterns are written as people write them.
"""

from functools import cache

from babel import Locale

from strategy.text import fold_accents

LANGUAGES = ("en", "fr", "es", "ar")


def any_of(words: str) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(sorted(words.split(), key=len, reverse=True))


def _all(*lines: str) -> frozenset[str]:
    return frozenset(fold_accents(word) for line in lines for word in line.split())


NUMBERS_IN_WORDS = any_of(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen un deux trois quatre cinq sept huit neuf dix onze douze treize quatorze "
    "quinze seize dix-sept dos tres cuatro cinco seis siete ocho nueve diez once doce trece "
    "catorce quince dieciséis dieciseis diecisiete "
    "ثلاث أربع اربع خمس ست سبع ثماني ثمان تسع عشر ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة"
)
"""A child's age in words."""

CHILD = any_of(
    "child girl boy daughter son pupil teenager adolescent baby orphan "
    "enfant fille fillette garçon garçonnet mineur mineure adolescent adolescente bébé élève "
    "orphelin orpheline écolier écolière "
    "niña niño menor hija hijo muchacha muchacho adolescente bebé alumna alumno huérfana huérfano "
    "طفل طفلة فتاة فتى صبي صبية بنت ولد ابن ابنة قاصر رضيع رضيعة تلميذ تلميذة مراهق مراهقة يتيم "
    "يتيمة الطفل الطفلة الفتاة الفتى الصبي الصبية البنت الولد القاصر الرضيع الرضيعة التلميذ "
    "التلميذة المراهق المراهقة اليتيم اليتيمة"
)
"""One child. Several are nobody in particular."""

CALLED = any_of(
    "named called nommé nommée appelé appelée prénommé prénommée dénommé dénommée "
    "llamado llamada nombrado nombrada "
    "يدعى تدعى اسمه اسمها يسمى تسمى واسمه واسمها المدعو المدعوة"
)

GIVEN_NAMES = _all(
    "Abdou Abdoul Abdoulaye Abdallah Abdullah Abdul Abena Abou Aboubacar Adama Adjoua Adèle Afi "
    "Ahmad Ahmed Aïcha Aisha Aïda Aïssata Aïssatou Akissi Akosua Alassane Ali Alice Alimatou "
    "Alioune Alpha Amadou Amara Amélie Ami Amina Aminata Aminatou Amira Ana Andrea André Andrés "
    "Anna Annie Antoine Antonio Arafat Arthur Assane Assétou Astou Awa Aya Ayesha Ayoub "
    "Babacar Bakary Benjamin Bernadette Bilal Binta Bintou Bintu Boubacar Bouba Brahim "
    "Camila Carlos Carmen Catherine Cécile Célestin Chantal Cheikh Chloé Christelle Claire "
    "Clarisse Claude Coumba Cristina Daniel Daniela David Denise Diego Dieudonné Djamila Djeneba "
    "Djénéba Djibril Dominique Edwige Elena Élise Elizabeth Ella Emilia Emma Emmanuel Esther Eva "
    "Fadimata Fanta Farah Faridah Farida Fatim Fatima Fatimah Fatimata Fatma Fatou Fatoumata "
    "Félicité Fernando Fidèle Florence François Françoise Gabriel Gabriela Georges Ghislain "
    "Gloria Guillermo Habiba Hadiza Halima Halimatou Hamidou Hamza Hannah Haoua Harouna Hassan "
    "Hassane Hawa Héctor Hélène Hugo Hussein Ibrahim Ibrahima Idriss Idrissa Inès Irène Isaac "
    "Isabel Isabella Isabelle Ismaël Issa Issaka Issoufou Jacques Jamila Jasmine Javier Jean "
    "Jeanne Jérôme Jessica Joël John Jonas Jorge José Josefa Joseph Joséphine Josué Juan Juana "
    "Judith Julia Julie Julien Juma Kadi Kadiatou Kadidia Kadidiatou Kambale Karim Karima Kevin "
    "Khadija Khadidja Khady Khalid Koffi Kofi Kossi Kouadio Kouamé Kwame Laïla Lamine Laouali "
    "Laura Layla Léa Leila Lina Lucas Lucía Lucie Luis Luisa Lydie Madina Mahamadou Mahamane "
    "Mahmoud Maïga Maïmouna Malick Malika Malam Mamadou Manuel Marc Marcel Margarita María Mariam "
    "Mariama Mariana Marie Marième Mario Mariétou Marthe Martin Mary Mateo Mathieu Mattéo Maya "
    "Médard Miguel Mohamed Mohammad Mohammed Moïse Monique Mouhamed Moussa Mukendi Muhammad Mumba "
    "Mustapha Nadège Nadia Nafissa Nafissatou Nana Natalia Nathalie Ndeye Nicolás Nicole Noah "
    "Noémie Noura Olga Olivia Olivier Omar Oscar Ouma Oumar Oumarou Oumou Ousmane Pablo Pascal "
    "Patience Patricia Patrick Paul Paula Pauline Pedro Peter Philippe Pierre Rabi Rachel Rachid "
    "Rahma Rahim Rakoto Ramatou Ramata Raoul Rasoa Raúl Rebecca Ricardo Rita Roberto Rokia "
    "Rokhaya Ruth Sadia Saidou Saïdou Salamatou Salif Salima Salimata Salma Salomé Samba Samira "
    "Samuel Sandrine Santiago Sara Sarah Sekou Serge Seydou Sidi Simon Sofía Solange Sonia Sophie "
    "Souleymane Stéphane Stéphanie Sulaiman Susana Suzanne Sylvie Tatiana Teresa Thérèse Thomas "
    "Valentina Valeria Véronique Victor Victoria Vincent Waleed William Yacouba Yao Yasmina "
    "Yasmine Youssef Youssouf Yusuf Yves Yvonne Zahra Zainab Zara Zeinab Zénabou Zoé Zoubida",
    "أحمد محمد محمود مصطفى إبراهيم يوسف علي عمر عثمان خالد حسين حمزة بلال إسماعيل عبدالله "
    "عبدالرحمن مريم فاطمة عائشة خديجة زينب أمينة سارة ليلى ياسمين نادية سلمى سميرة جميلة حليمة "
    "حواء رقية سكينة آمنة صفية زهرة نورة هاجر رحمة موسى عيسى هارون إدريس أيوب رشيد طارق مروان",
)
"""Given names that are hardly anything else: those of the countries where the Bureau works."""

NO_NAMES = _all(
    # What stands before a number of years in a sentence
    "a an the in on for of at by after before during since over within every each about nearly "
    "under from to until last next these those and or but with this it its our we he she they who "
    "le la les l un une des du de d au aux en dans sur sous pour pendant durant depuis après avant "
    "dès tous toutes chaque moins plus environ près et ou avec ce cet cette ces il elle ils elles "
    "y ya qui c à vers entre soit est ont sont "
    "el los las lo un una unos unas del al durante desde hace hacia cada tras por para con sin "
    "todos todas más menos cerca hasta este esta estos estas son",
    # The trade's words, with a capital at the beginning of a sentence or in a list
    "age aged duration period project programme program plan phase year years month months week "
    "day days session sessions module modules course courses training trainings workshop seminar "
    "conference convention agreement law decree act article section annex table figure chapter "
    "part objective indicator target activity output outcome result results report budget grant "
    "contract mission survey study evaluation guide manual tool kit policy strategy children "
    "girls boys child girl boy minors youth women men people persons participants officers judges "
    "prosecutors lawyers magistrates teachers trainers trainees instructors workers staff police "
    "gendarmerie justice ministry government court school schools university hospital village "
    "villages province provinces region regions district districts country countries office "
    "fund bureau unicef undp npo ngo ngos cases case total number group groups class grade level "
    "experience sentence prison imprisonment anniversary ibcr note notes source summary title "
    "story stories interview testimony portrait support international national federal regional "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may "
    "june july august september october november december",
    "âge durée période projet projets programme programmes phase an ans année années mois semaine "
    "jour jours séance séances formation formations atelier ateliers séminaire conférence accord "
    "loi décret arrêté tableau chapitre partie objectif indicateur cible activité produit effet "
    "résultat rapport subvention contrat enquête étude évaluation outil trousse politique "
    "stratégie enfants enfant filles fille garçons garçon mineur mineure mineurs jeunes femmes "
    "hommes personnes participants participantes policiers policières gendarmes juges procureurs "
    "avocats magistrats enseignants formateurs travailleurs agents personnel ministère "
    "gouvernement tribunal cour école écoles université hôpital pays bureau fonds cas nombre "
    "groupe groupes classe niveau expérience peine anniversaire résumé titre récit histoire "
    "témoignage entretien appui lundi mardi mercredi jeudi vendredi samedi dimanche janvier "
    "février mars avril mai juin juillet août septembre octobre novembre décembre",
    "edad duración período periodo proyecto programa fase año años mes meses semana día días "
    "sesión sesiones formación capacitación taller seminario conferencia convención convenio "
    "acuerdo ley decreto artículo sección anexo tabla capítulo parte objetivo indicador meta "
    "actividad producto efecto resultado informe presupuesto contrato encuesta estudio evaluación "
    "guía herramienta política estrategia niños niñas niño niña menores menor jóvenes mujeres "
    "hombres personas participantes policías jueces juezas fiscales abogados magistrados docentes "
    "formadores trabajadores personal policía ministerio gobierno tribunal corte escuela escuelas "
    "universidad hospital pueblo provincias país países oficina fondo casos caso grupo grupos "
    "clase nivel experiencia pena aniversario resumen título historia testimonio entrevista apoyo "
    "lunes martes miércoles jueves viernes sábado domingo enero febrero marzo abril mayo junio "
    "julio agosto septiembre octubre noviembre diciembre",
    "مدة مدته مدتها لمدة خلال منذ بعد قبل كل في من على عن إلى حوالي نحو أكثر أقل عمر عمره عمرها "
    "سن العمر مشروع برنامج خطة مرحلة دورة تدريب ورشة جلسة جلسات مؤتمر اتفاقية قانون مرسوم مادة "
    "تقرير ميزانية دراسة أطفال طفل طفلة فتاة فتيات فتيان بنات بنت أولاد ولد صبي قاصر قصر نساء "
    "رجال شخص أشخاص مشارك مشاركا مشاركين قاض قاضيا قضاة ضابطا ضباط شرطي شرطيا مدرب مدربا مدربين "
    "دولة دول بلد بلدان مدرسة مدارس مكتب وزارة محكمة شرطة حالة حالات عدد مجموع و أو ثم هذه هذا "
    "كانون شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين يناير فبراير مارس أبريل مايو يونيو "
    "يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
)
"""Words that are nobody's name, though they begin with a capital or stand before an age."""

LIFE_OF_NO_PERSON = any_of(
    "anniversary plan project imprisonment prison experience later ago project-based "
    "anniversaire après plus aniversario después"
)
"""What comes after a number of years that is no age."""


@cache
def country_words() -> frozenset[str]:
    """The names of countries and regions in the four languages."""
    found = {fold_accents(name) for one in LANGUAGES for name in Locale(one).territories.values()}
    return frozenset(
        found | _all("RDC DRC RCA USA Congo Quebec Québec Sahel Canada Afrique Africa")
    )
